import { nothing } from './alarmline.js';
import { boot, t } from './boot.js';
import { caseLine } from './caseline.js';
import { sync } from './dom.js';
import { num } from './format.js';
import { poll } from './poll.js';

const $ = (id) => document.getElementById(id);
const nameKey = 'phutai.who'; // as on the page of alarms
const who = $('who');
const why = $('why');
const spare = boot.speed > 1 ? 'demo' : '';

who.placeholder = spare;
who.value = localStorage.getItem(nameKey) ?? '';
who.addEventListener('change', () => localStorage.setItem(nameKey, who.value.trim()));
$('duty').addEventListener('submit', (e) => e.preventDefault());

function refuse(text) {
  $('refused').textContent = text;
  $('refused').hidden = text === '';
}

// close asks for a name and a reason first: a case that is closed lets pages go.
async function close(c, button) {
  const name = who.value.trim() || spare;
  const reason = why.value.trim();
  if (name === '' || reason === '') {
    refuse(t('cs.need'));
    (name === '' ? who : why).focus();
    return;
  }
  button.disabled = true;
  refuse('');
  try {
    const reply = await fetch(`/api/v1/cases/${encodeURIComponent(c.id)}/close`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ who: name, why: reason }),
      signal: AbortSignal.timeout(10_000),
    });
    if (reply.ok) why.value = '';
    else refuse(t({ 400: 'cs.need', 404: 'cs.gone' }[reply.status] ?? 'cs.failed', reply.status));
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
  sync($(id), items, (c) => String(c.id), (c) => caseLine(c, close));
}

function render(a) {
  $('waiting').hidden = true;
  list('open', a.open, 'cs.none');
  list('closed', a.closed, 'cs.none');
  $('closed-part').hidden = a.closed.length === 0;
  $('found').textContent = t('cs.open.n', num(a.open.length));
}

const ask = poll(() => '/api/v1/cases', render);
