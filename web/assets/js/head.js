import { boot, t } from './boot.js';
import { el, show } from './dom.js';
import { clockTime, date, span } from './format.js';

// The last answer: what time the server had, and when it came, by the page's
// own running clock.
let answer = null;
let lastGood = performance.now();
let lastGoodAt = new Date();

// serverNow gives the server's time, going on at its speed since the last answer.
export function serverNow() {
  if (!answer) return new Date();
  return new Date(answer.now + (performance.now() - answer.at) * answer.speed);
}

// refreshed notes that the page shows a new answer, whole.
export function refreshed() {
  lastGood = performance.now();
  lastGoodAt = serverNow();
  tick();
}

// heard notes the status that came with an answer.
export function heard(status) {
  answer = { now: Date.parse(status.now), speed: status.speed, at: performance.now() };
  const note = document.getElementById('speed');
  note.hidden = status.speed === 1;
  note.textContent = t('simulated', status.speed);
  note.title = t('simulated.tip', status.speed);
  const due = document.getElementById('due');
  due.hidden = status.unacked === 0;
  due.textContent = String(status.unacked);
  due.title = t('al.unacked.n', status.unacked);
  const box = document.getElementById('problems');
  show(box, status.problems.map((p) => el('p', {}, boot.lang === 'vi' ? p.text_vi : p.text_en)));
  box.hidden = status.problems.length === 0;
}

// refused shows an answer that is an error: the server lives, the figures do not.
export function refused(problem) {
  const box = document.getElementById('problems');
  show(box, el('p', {}, t('error.read', problem.status ?? '?')));
}

// ageOf makes a text that grows older by itself.
export function ageOf(at, before = '') {
  const node = el('time', { datetime: at, 'data-at': Date.parse(at), 'data-before': before });
  return node;
}

// tick runs each second: the clock, every age, and whether the page is frozen.
export function tick() {
  const now = serverNow();
  if (answer) {
    show(document.getElementById('clock'), clockTime(now), el('small', {}, date(now)));
  }
  for (const node of document.querySelectorAll('time[data-at]')) {
    const text = span((now - Number(node.dataset.at)) / 1000);
    const whole = node.dataset.before ? t(node.dataset.before, text) : text;
    if (node.textContent !== whole) node.textContent = whole;
  }
  const frozen = performance.now() - lastGood > boot.frozen_ms;
  const mark = document.getElementById('frozen');
  if (mark.hidden === frozen) {
    mark.hidden = !frozen;
    mark.firstElementChild.textContent = frozen ? t('frozen', `${clockTime(lastGoodAt)} ${date(lastGoodAt)}`) : '';
    document.documentElement.classList.toggle('is-frozen', frozen);
  }
}

setInterval(tick, 1000);
