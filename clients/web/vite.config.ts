// Two pages, hashed assets, nothing inline: the server's Content-Security-Policy allows
// scripts and styles of its own origin only.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    // Older than what the pages ask of a browser; `curves.ts` helps where Ed25519 is missing.
    target: "es2022",
    // The polyfill would be an inline script in old browsers' eyes and is not needed in ours.
    modulePreload: { polyfill: false },
    // No data: URL in a script or style: every asset is a file of this origin.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "doctor.html"] },
  },
});
