import { type Batch, type Mistake, nearest, quote } from "@polyreel/contract";

/** Whether the file names' template can be filled: every `{placeholder}` is a block's name, `{id}` or `{batch}`. */
export function checkNaming({ naming, blocks }: Batch): Mistake[] {
  const known = [...new Set([...blocks.map((block) => block.name), "id", "batch"])].filter((name) => name !== "");
  const field = "naming";
  const mistakes: Mistake[] = [...naming.matchAll(/\{([^{}]*)\}/g)].flatMap(([placeholder, name = ""]) => {
    if (known.includes(name)) return [];
    const near = nearest(name, known);
    return [
      {
        field,
        reason: `The file names' template has ${quote(placeholder)}, and there is no block of that name.`,
        remedy: `${near ? `Did you mean {${near}}? ` : ""}Known are ${known.map((one) => `{${one}}`).join(", ")}.`,
      },
    ];
  });
  if (/[{}]/.test(naming.replace(/\{[^{}]*\}/g, ""))) {
    mistakes.push({
      field,
      reason: `The file names' template ${quote(naming)} has a brace without its other half.`,
      remedy: "Write placeholders as {block}.",
    });
  }
  return mistakes;
}
