// What the worker does: counts the words of a text.
export function report({ text }) {
  const words = text.split(/\s+/).filter(Boolean);
  return { words: words.length, longest: words.sort((a, b) => b.length - a.length)[0] ?? '' };
}
