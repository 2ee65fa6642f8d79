// Three pages, hashed assets, nothing inline: the server's Content-Security-Policy allows
// scripts and styles of its own origin only. The third is a form that the server fills in.
// The status page is built by itself (`--mode status`): what it shares with a patient's page would
// be cut into more files there, each with headers of its own.
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { defineConfig } from "vite";

const SEAL =
  /src.(patient-seal|steps|sealed-passkey|link-secrets|sealed-frames|sealed-patient|sealed-letters|capability|published|keyring|primitives|hpke|m1|channel|envelopes)\.ts$/;

export default defineConfig(({ mode }) => ({
  build: {
    emptyOutDir: mode !== "status",
    // Older than what the pages ask of a browser; `curves.ts` helps where Ed25519 is missing.
    target: "es2022",
    // The polyfill would be an inline script in old browsers' eyes and is not needed in ours.
    modulePreload: { polyfill: false },
    // No data: URL in a script or style: every asset is a file of this origin.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: mode === "status" ? ["status.html"] : ["index.html", "doctor.html", "notices.html"],
      output: {
        codeSplitting: {
          // What a patient's page needs to enter, in one file: each has headers of its own.
          includeDependenciesRecursively: false,
          groups: [{ name: "seal", test: SEAL }],
        },
      },
    },
  },
  plugins: [
    {
      // A tenth less than gzip. The server has no such compressor, so what never changes brings it.
      name: "brotli",
      async writeBundle({ dir = "dist" }, bundle) {
        for (const name of Object.keys(bundle)) {
          if (!/^assets\/.*\.(js|css|svg)$/.test(name)) continue;
          await writeFile(
            join(dir, `${name}.br`),
            brotliCompressSync(await readFile(join(dir, name))),
          );
        }
      },
    },
    {
      // What was checked goes with what it was checked on: the server says no more than that.
      name: "checked",
      generateBundle() {
        const source = readFileSync(new URL("src/checked.json", import.meta.url), "utf8");
        this.emitFile({ type: "asset", fileName: "checked.json", source });
      },
    },
  ],
}));
