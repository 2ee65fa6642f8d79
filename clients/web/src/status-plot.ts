/**
 * Draws the charts of the status page.
 *
 * Door to uPlot, loaded when the first chart is shown. Shapes tell what colours tell: a range is an
 * outlined bar, what is beneath a threshold is hatched, what is incomplete is dashed.
 *
 * https://github.com/leeoniya/uPlot/tree/master/docs
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Column {
  readonly t: number;
  readonly low: number;
  readonly high: number;
  /** What was published; null where it is only known to be beneath the threshold. */
  readonly value: number | null;
  readonly isPartial: boolean;
}

export type Plot =
  | { readonly kind: "ranges"; readonly columns: readonly Column[]; readonly epoch_s: number }
  | {
      readonly kind: "line";
      readonly t: readonly number[];
      readonly y: readonly (number | null)[];
    };

export interface Look {
  readonly clock: (t: number) => string;
  readonly count: (value: number) => string;
}

const HEIGHT = 210;
const FONT = "13px system-ui, sans-serif";

/** Draw into an element, which has the size and the colours; call the answer to take it away. */
export function draw(into: HTMLElement, plot: Plot, look: Look): () => void {
  const made = new uPlot(optionsOf(into, plot, look), dataOf(plot), into);
  const fits = new ResizeObserver(() => {
    const { clientWidth } = into;
    if (clientWidth > 0 && clientWidth !== made.width) {
      made.setSize({ width: clientWidth, height: HEIGHT });
    }
  });
  fits.observe(into);
  return () => {
    fits.disconnect();
    made.destroy();
  };
}

function dataOf(plot: Plot): uPlot.AlignedData {
  return plot.kind === "line"
    ? [[...plot.t], [...plot.y]]
    : [plot.columns.map(({ t }) => t), plot.columns.map(({ high }) => high)];
}

function optionsOf(into: HTMLElement, plot: Plot, look: Look): uPlot.Options {
  const style = getComputedStyle(into);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [ink, line, band] = [colour("--ink"), colour("--line"), colour("--chart-band")];
  const sure = colour("--chart-sure");
  const accent = colour("--accent");
  const axis = {
    stroke: ink,
    font: FONT,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(200, into.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 30, 0, 0],
    scales: {
      x: { range: (_, min, max) => rangeOfTime(plot, min, max) },
      y: { range: (_, __, max) => [0, Math.max(1, max * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 64,
        values: (_, splits) => splits.map((t) => look.clock(t)),
      },
      {
        ...axis,
        size: 52,
        space: 36,
        values: (_, splits) => splits.map((value) => (value % 1 === 0 ? look.count(value) : "")),
      },
    ],
    series:
      plot.kind === "line"
        ? [
            {},
            {
              stroke: accent,
              width: 2,
              spanGaps: false,
              points: { show: false },
            },
          ]
        : [{}, { show: true, paths: () => null, points: { show: false } }],
    hooks:
      plot.kind === "line" ? {} : { draw: [(made) => ranges(made, plot, { ink, band, sure })] },
  };
}

function rangeOfTime(plot: Plot, min: number, max: number): [number, number] {
  return plot.kind === "ranges" ? [min, max + plot.epoch_s] : [min, Math.max(max, min + 1)];
}

/** A bar of what is sure, its outlined end of what may be, and a stroke at what was published. */
function ranges(
  made: uPlot,
  plot: Extract<Plot, { kind: "ranges" }>,
  { ink, band, sure }: Readonly<Record<"ink" | "band" | "sure", string>>,
): void {
  const { ctx } = made;
  const dot = devicePixelRatio;
  ctx.save();
  ctx.lineWidth = dot;
  for (const { t, low, high, value, isPartial } of plot.columns) {
    const from = made.valToPos(t, "x", true);
    const width = Math.max(2 * dot, (made.valToPos(t + plot.epoch_s, "x", true) - from) * 0.78);
    const [top, bottom] = [made.valToPos(high, "y", true), made.valToPos(low, "y", true)];
    const height = Math.max(dot, bottom - top);
    ctx.strokeStyle = ink;
    ctx.setLineDash(isPartial ? [3 * dot, 2 * dot] : []);
    if (value === null) {
      hatch(ctx, { x: from, y: top, width, height }, dot);
    } else {
      ctx.fillStyle = sure;
      ctx.fillRect(from, bottom, width, made.valToPos(0, "y", true) - bottom);
      ctx.fillStyle = band;
      if (!isPartial) ctx.fillRect(from, top, width, height);
    }
    ctx.strokeRect(from, top, width, height);
    if (value === null) continue;
    const at = made.valToPos(value, "y", true);
    ctx.setLineDash([]);
    ctx.fillStyle = ink;
    ctx.fillRect(from, at - dot, width, 2 * dot);
  }
  ctx.restore();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function hatch(ctx: CanvasRenderingContext2D, { x, y, width, height }: Box, dot: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.beginPath();
  for (let at = -height; at < width; at += 5 * dot) {
    ctx.moveTo(x + at, y + height);
    ctx.lineTo(x + at + height, y);
  }
  ctx.stroke();
  ctx.restore();
}
