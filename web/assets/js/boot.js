// What the server gave this page to start with: language, texts, limits.
export const boot = JSON.parse(document.getElementById('boot').textContent);

// t gives the text of a key with {0}, {1} filled in.
export function t(key, ...args) {
  const text = boot.text[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, i) => String(args[i] ?? ''));
}

// known tells whether there is a text of that key.
export const known = (key) => key in boot.text;
