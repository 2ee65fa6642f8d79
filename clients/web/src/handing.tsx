/**
 * What is handed to somebody: a code to scan, a text to copy or to share.
 *
 * View, with the browser's clipboard and share sheet. It keeps nothing: what is handed is in
 * memory while it is shown.
 */
import { useEffect, useState } from "preact/hooks";
import { Button, Status } from "./parts.tsx";
import type { EnrolmentWords } from "./words/enrolment.ts";

type HandingWords = Pick<EnrolmentWords, "copy" | "copied" | "notCopied" | "share" | "print">;

/** The largest modules for a length of text, and the white around them that readers want. */
export const DRAWING = { ecc: "low", border: 4 } as const;

type Rows = readonly (readonly boolean[])[];

/** A QR code, black on white on every screen. Nothing until the code that draws it is there. */
export function Qr({ text, label }: { text: string; label: string }) {
  const [rows, setRows] = useState<Rows | null>(null);
  useEffect(() => {
    let isShown = true;
    // Where the file cannot be had the text below still stands.
    void import("qr").then(
      ({ encodeQR }) => {
        if (isShown) setRows(encodeQR(text, "raw", DRAWING));
      },
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [text]);
  if (rows === null) return null;
  const size = rows.length;
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path fill="#000" d={pathOf(rows)} />
    </svg>
  );
}

/** The dark runs of each row, as one path. */
export function pathOf(rows: Rows): string {
  return rows
    .flatMap((row, y) => {
      const runs: string[] = [];
      for (let x = 0; x < row.length; x++) {
        const from = x;
        while (row[x] === true) x++;
        if (x > from) runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
      }
      return runs;
    })
    .join("");
}

/** The text itself, with the ways to hand it on. */
export function Handing(props: {
  id: string;
  label: string;
  text: string;
  /** It is an address, not just text. */
  isAddress?: boolean;
  words: HandingWords;
  onPrint?: () => void;
  /** What is said where sharing fails. */
  notShared?: string;
}) {
  const { id, text, words } = props;
  const [said, setSaid] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid(words.copied),
      () => {
        setSaid(words.notCopied);
        const field = document.getElementById(id);
        if (field instanceof HTMLTextAreaElement) field.select();
      },
    );
  };
  const share = () => {
    navigator.share(props.isAddress === true ? { url: text } : { text }).catch((error: unknown) => {
      // Whoever closes the sheet has decided: no error.
      const isClosed = error instanceof DOMException && error.name === "AbortError";
      if (!isClosed) setSaid(props.notShared ?? "");
    });
  };
  return (
    <>
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        class="handed"
        dir={props.isAddress === true ? "ltr" : "auto"}
        readonly
        rows={4}
        spellcheck={false}
        value={text}
      />
      <div class="actions side">
        <Button id={`${id}-copy`} kind="primary" onClick={copy}>
          {words.copy}
        </Button>
        {"share" in navigator && (
          <Button id={`${id}-share`} onClick={share}>
            {words.share}
          </Button>
        )}
        {props.onPrint !== undefined && (
          <Button id={`${id}-print`} onClick={props.onPrint}>
            {words.print}
          </Button>
        )}
      </div>
      <Status>{said}</Status>
    </>
  );
}
