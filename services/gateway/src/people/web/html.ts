/** Text that is safe in HTML, and may be part of more. */
export class Html {
  constructor(readonly text: string) {}
}

const ESCAPED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Template of HTML: what is inserted is escaped unless it is Html itself. */
export const html = (parts: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html =>
  new Html(parts.reduce((text, part, i) => text + shown(values[i - 1]) + part));

const shown = (value: string | Html | undefined): string =>
  value instanceof Html ? value.text : (value ?? "").replace(/[&<>"']/g, (one) => ESCAPED[one] ?? "");
