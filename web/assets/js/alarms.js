import { alarmLine, nothing } from './alarmline.js';
import { boot, t } from './boot.js';
import { sync } from './dom.js';
import { num } from './format.js';
import { poll } from './poll.js';

const $ = (id) => document.getElementById(id);
const nameKey = 'phutai.who';
const who = $('who');
// Nobody is on duty in a simulated evening; in earnest somebody signs.
const spare = boot.speed > 1 ? 'demo' : '';

who.placeholder = spare;
who.value = localStorage.getItem(nameKey) ?? '';
who.addEventListener('change', () => localStorage.setItem(nameKey, who.value.trim()));
$('duty').addEventListener('submit', (e) => {
  e.preventDefault();
  who.blur();
});

function refuse(text) {
  $('refused').textContent = text;
  $('refused').hidden = text === '';
}

// acknowledge is one tap: the name was asked for once, at the top.
async function acknowledge(alarm, button) {
  const name = who.value.trim() || spare;
  if (name === '') {
    refuse(t('ack.name'));
    who.focus();
    return;
  }
  button.disabled = true;
  refuse('');
  try {
    const reply = await fetch(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/ack`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ who: name }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!reply.ok) refuse(t({ 400: 'ack.name', 404: 'ack.gone' }[reply.status] ?? 'ack.failed', reply.status));
  } catch {
    refuse(t('ack.no.answer'));
  }
  button.disabled = false;
  ask();
}

function list(id, items, emptyKey) {
  if (items.length === 0) {
    $(id).replaceChildren(nothing(emptyKey));
    return;
  }
  sync($(id), items, (a) => a.id, (a) => alarmLine(a, acknowledge));
}

function render(a) {
  $('waiting').hidden = true;
  list('load', a.load, 'al.none');
  list('comms', a.comms, 'al.none.comms');
  list('ended', a.ended, 'al.none');
  $('ended-part').hidden = a.ended.length === 0;
  const open = [...a.load, ...a.comms].filter((x) => x.state !== 'acked').length;
  $('found').textContent = t('al.unacked.n', num(open));
}

const ask = poll(() => '/api/v1/alarms', render);
