/* global uPlot */
import { boot, t } from './boot.js';
import { clockTime, day, minuteTime, num } from './format.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// limitLines draws the limits across the plot, named at the left edge.
function limitLines(limits) {
  return (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px sans-serif`;
    ctx.textAlign = 'left';
    ctx.lineJoin = 'round';
    ctx.lineWidth = 1.5 * devicePixelRatio;
    for (const { at, text, tint, below } of limits) {
      const y = Math.round(u.valToPos(at, 'y', true));
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = ctx.fillStyle = colour(tint);
      ctx.setLineDash([8 * devicePixelRatio, 5 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      // A halo in the ground's colour keeps the text readable over a curve.
      ctx.setLineDash([]);
      ctx.strokeStyle = colour('--panel');
      ctx.lineWidth = 4 * devicePixelRatio;
      const x = bbox.left + 6 * devicePixelRatio;
      const beside = y + (below ? 4 : -3) * devicePixelRatio;
      ctx.textBaseline = below ? 'top' : 'bottom';
      ctx.strokeText(text, x, beside);
      ctx.fillText(text, x, beside);
      ctx.lineWidth = 1.5 * devicePixelRatio;
    }
    ctx.restore();
  };
}

// newest names the newest figures below the chart, until a pointer asks for
// others.
function newest(u) {
  u.setLegend({ idx: u.data[0].length - 1 }, false);
}

// forget drops the chart of a box that will show something else.
export function forget(box) {
  charts.get(box)?.chart.destroy();
  charts.delete(box);
}

// ticks names moments on the time axis: hours, and the day where it begins.
function ticks(u, splits) {
  let last = '';
  return splits.map((s) => {
    const d = new Date(s * 1000);
    const time = minuteTime(d);
    const name = day(d);
    const first = name !== last;
    last = name;
    if (time === '00:00') return name;
    return first ? `${time}\n${name}` : time;
  });
}

// charts holds the chart of each box, and what it was made for.
const charts = new Map();

// draw shows one chart in box, by new figures in the old chart where it can, so
// that what a pointer shows does not vanish. series is [{label, values, tint, width, dash,
// fill, unit, decimals}], limits is [{at, text, tint, below}].
export function draw(box, { t: times, from, to }, series, { limits = [], height = 220, floor = null, ceiling = null, unit }) {
  const data = [times, ...series.map((s) => s.values)];
  const width = Math.max(200, box.clientWidth - 10);
  const key = JSON.stringify([from, to, width, series.length, limits, colour('--panel')]);
  const old = charts.get(box);
  if (old?.key === key) {
    old.chart.setData(data);
    if (old.chart.cursor.left < 0) newest(old.chart);
    return;
  }
  old?.chart.destroy();
  const options = {
    width,
    height: Math.max(160, height),
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), boot.time_zone),
    cursor: { sync: { key: 'phutai' }, y: false, drag: { x: false, y: false } },
    legend: { live: true },
    scales: {
      x: { min: from, max: to, range: [from, to] },
      y: {
        range: (_, low, high) => {
          const bottom = Math.min(low ?? 0, floor ?? low ?? 0);
          const top = Math.max(high ?? 1, ceiling ?? high ?? 1);
          const room = Math.max(1, (top - bottom) * 0.06);
          return [bottom === 0 ? 0 : bottom - room, top + room];
        },
      },
    },
    axes: [
      { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line') }, values: ticks, space: 70 },
      { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line') }, size: 52, values: (_, all) => all.map((x) => num(x)) },
    ],
    series: [
      { label: t('ser.time'), value: (_, x) => (x === null ? '–' : `${clockTime(new Date(x * 1000)).slice(0, 5)} ${day(new Date(x * 1000))}`) },
      ...series.map((s) => ({
        label: s.label,
        stroke: colour(s.tint),
        width: s.width ?? 1.75,
        dash: s.dash,
        spanGaps: false,
        points: { show: times.length < 3 },
        value: (_, x) => num(x, s.decimals ?? 0, s.unit ?? unit),
      })),
    ],
    hooks: { draw: [limitLines(limits)], ready: [newest], setCursor: [(u) => { if (u.cursor.left < 0) newest(u); }] },
  };
  box.replaceChildren();
  charts.set(box, { key, chart: new uPlot(options, data, box) });
}
