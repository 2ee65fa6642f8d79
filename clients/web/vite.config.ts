// Three pages, hashed assets, nothing inline: the server's Content-Security-Policy allows
// scripts and styles of its own origin only. The third is a form that the server fills in.
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    // Older than what the pages ask of a browser; `curves.ts` helps where Ed25519 is missing.
    target: "es2022",
    // The polyfill would be an inline script in old browsers' eyes and is not needed in ours.
    modulePreload: { polyfill: false },
    // No data: URL in a script or style: every asset is a file of this origin.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "doctor.html", "notices.html"] },
  },
  plugins: [
    {
      // What was checked goes with what it was checked on: the server says no more than that.
      name: "checked",
      generateBundle() {
        const source = readFileSync(new URL("src/checked.json", import.meta.url), "utf8");
        this.emitFile({ type: "asset", fileName: "checked.json", source });
      },
    },
  ],
});
