/** The parts of the HPKE library that the suite needs: what loads this loads no others. */
export { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
