/** The parts of the HPKE library that bundles need: what loads this loads no others. */
export { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
