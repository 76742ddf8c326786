/** A text with columns in braces. `{{` and `}}` are braces themselves; `{column?}` may be empty. */
const PLACEHOLDER = /\{\{|\}\}|\{([^{}]*)\}/g;

/** The columns that a text names, as written, and whether they may be empty. */
export function columnsIn(text: string): { readonly name: string; readonly mayBeEmpty: boolean }[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, inside]) => (inside === undefined ? [] : [columnOf(inside)]));
}

/** The text with the values of its columns. */
export const filledIn = (text: string, cellOf: (column: string) => string): string =>
  text.replace(PLACEHOLDER, (whole, inside: string | undefined) =>
    inside === undefined ? whole.charAt(0) : cellOf(columnOf(inside).name),
  );

function columnOf(inside: string): { name: string; mayBeEmpty: boolean } {
  const name = inside.trim();
  return name.endsWith("?") ? { name: name.slice(0, -1).trim(), mayBeEmpty: true } : { name, mayBeEmpty: false };
}
