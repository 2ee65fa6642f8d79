/**
 * Pages opened inside another application, which often gives them no camera; and the way out.
 *
 * Pure. The address holds secrets in its fragment, and goes to the browser whole or not at all.
 *
 * Android's `intent:` addresses: developer.chrome.com/docs/android/intents, and `Intent.parseUri`
 * in AOSP, which takes what comes after the *last* `#`: a fragment before it survives.
 */

export type App = "whatsapp" | "messenger" | "instagram" | "facebook" | "google" | "other";

// The first that matches: Messenger and Instagram also say that they are Facebook's.
const APPS: readonly (readonly [App, RegExp])[] = [
  ["whatsapp", /\bWhatsApp\b/],
  ["messenger", /Messenger|FB_IAB\/Orca/],
  ["instagram", /\bInstagram\b/],
  ["facebook", /\bFB(AN|AV|_IAB)\b/],
  ["google", /\bGSA\//],
  ["other", /\b(Snapchat|LinkedInApp|Line\/|musical_ly|BytedanceWebview|Twitter)/],
  // Android's WebView marks itself.
  ["other", /; wv\)/],
  // Apple's marks itself by what it leaves out; it is Safari that says Safari.
  ["other", /^(?=.*(iPhone|iPad|iPod))(?=.*AppleWebKit)(?!.*Safari\/)/],
];

/** In which application's own window a page is; null in a browser, or on the home screen. */
export function inAppOf(userAgent: string, isInstalled = false): App | null {
  if (isInstalled) return null;
  return APPS.find(([, mark]) => mark.test(userAgent))?.[0] ?? null;
}

// Nothing that ends a part of an `intent:` address: no space, quote, semicolon or second `#`.
const PLAIN = /^[\w.~=%/:?&+,!@-]*(#[\w.~=%/:?&+,!@-]*)?$/;

/**
 * An address at which Android opens this page in the browser; null where there is none. It names
 * no browser: the one that the person chose is taken.
 */
export function browserAddress(address: string, userAgent: string): string | null {
  if (!/Android/.test(userAgent) || !PLAIN.test(address)) return null;
  const [, scheme, rest] = /^(https?):(\/\/.+)$/.exec(address) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  const parts = [
    `scheme=${scheme}`,
    "action=android.intent.action.VIEW",
    "category=android.intent.category.BROWSABLE",
    "end",
  ];
  return `intent:${rest}#Intent;${parts.join(";")}`;
}
