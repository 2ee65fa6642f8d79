// The seal, a doctor's device and what touches the relay as the pages have them, with handles for tests. Never part of `dist`:
// `npm run build:test-entry -- --outDir FOLDER`.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import pages from "../vite.config.ts";

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    // The tests live outside this package and would not find it by name.
    alias: {
      "@hpke/hybridkem-x-wing": fileURLToPath(import.meta.resolve("@hpke/hybridkem-x-wing")),
    },
  },
  build: {
    ...pages.build,
    rolldownOptions: { input: ["index.html", "practice.html", "relay.html"] },
    emptyOutDir: true,
  },
});
