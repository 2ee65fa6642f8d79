/** The curves of the library, for browsers that lack them: what loads this loads no others. */
export { ed25519, x25519 } from "@noble/curves/ed25519.js";
