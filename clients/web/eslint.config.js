import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Names are cut and abbreviated by code points: no half characters, and that is enough.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-globals": ["error", "localStorage", "sessionStorage", "indexedDB"],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text only; the policy of the page forbids it." },
        { property: "cookie", message: "Nothing is kept in the browser." },
      ],
    },
  },
  {
    // The keys of a doctor's own device: the one thing that is kept.
    files: ["**/keyring-store.ts", "**/test-entry/practice-entry.tsx"],
    rules: { "no-restricted-globals": ["error", "localStorage", "sessionStorage"] },
  },
  {
    files: [
      "**/letters.ts",
      "**/messages.ts",
      "**/link.ts",
      "**/consultation.ts",
      "**/rounds.ts",
      "**/visit.ts",
      "**/bedside.ts",
      "**/post.ts",
      "**/todo.ts",
      "**/relays.ts",
      "**/candidates.ts",
      "**/enrolment.ts",
    ],
    rules: {
      // Pure files: time, dice and the page are arguments.
      "no-restricted-globals": [
        "error",
        "document",
        "window",
        "location",
        "crypto",
        "Date",
        "navigator",
      ],
    },
  },
);
