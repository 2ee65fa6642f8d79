/**
 * A chart of the status page, and what stands behind it for whoever does not see it.
 *
 * View: loads what draws when it is shown. Where that cannot be had, the table says the same.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Look, Plot } from "./status-plot.ts";

const LOOKS = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];

export function Chart(props: {
  id: string;
  label: string;
  plot: Plot;
  look: Look;
  /** What is said where the chart cannot be loaded. */
  missing: string;
}) {
  const { id, label, plot, look } = props;
  const into = useRef<HTMLDivElement>(null);
  const [isMissing, setMissing] = useState(false);
  const [theme, setTheme] = useState(0);
  // Drawn anew for another answer, and not for another rendering of the same.
  const drawn = JSON.stringify([plot, label, theme]);
  useEffect(() => {
    let undo: (() => void) | null = null;
    let isOver = false;
    import("./status-plot.ts").then(
      ({ draw }) => {
        if (!isOver && into.current !== null) undo = draw(into.current, plot, look);
      },
      () => setMissing(true),
    );
    return () => {
      isOver = true;
      undo?.();
    };
  }, [drawn]);
  useEffect(() => {
    const queries = LOOKS.map((query) => matchMedia(query));
    const again = () => setTheme((count) => count + 1);
    for (const query of queries) query.addEventListener("change", again);
    return () => {
      for (const query of queries) query.removeEventListener("change", again);
    };
  }, []);
  return isMissing ? (
    <p class="small">{props.missing}</p>
  ) : (
    <div class="chart" id={id} ref={into} role="img" aria-label={label} />
  );
}
