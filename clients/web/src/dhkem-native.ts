/** X25519 for HPKE by the browser itself: what loads this loads no others. */
export { DhkemX25519HkdfSha256 } from "@hpke/core";
