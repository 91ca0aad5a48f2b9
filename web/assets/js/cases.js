import { boot, t } from './boot.js';
import { caseLine } from './caseline.js';
import { num } from './format.js';
import { poll } from './poll.js';
import { list, post } from './signed.js';

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
  const refused = await post(`/api/v1/cases/${encodeURIComponent(c.id)}/close`, { who: name, why: reason }, { 400: 'cs.need', 404: 'cs.gone' }, 'cs.failed');
  if (refused === '') why.value = '';
  else refuse(refused);
  button.disabled = false;
  ask();
}

const line = (c) => caseLine(c, close);

function render(a) {
  $('waiting').hidden = true;
  list('open', a.open, 'cs.none', line);
  list('closed', a.closed, 'cs.none', line);
  $('closed-part').hidden = a.closed.length === 0;
  $('found').textContent = t('cs.open.n', num(a.open.length));
}

const ask = poll(() => '/api/v1/cases', render);
