// Pure files are tested in Node, beside the tests of the other rooms.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default defineConfig({
  root,
  test: {
    dir: `${root}/tests/clients/web`,
    include: ["**/*.test.ts"],
    environment: "node",
    // The tests live outside this package and would not find the module `vitest` by name.
    globals: true,
  },
  // Nor the packages that tests alone use, or use by themselves.
  resolve: {
    alias: Object.fromEntries(
      ["fast-check", "@hpke/hybridkem-x-wing", "qr/decode.js", "qr"].map((name) => [
        name,
        fileURLToPath(import.meta.resolve(name)),
      ]),
    ),
  },
});
