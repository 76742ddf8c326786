import type { NewNotification } from "../notification.js";

/** An e-mail without its recipients. */
export interface ComposedEmail {
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
}

interface Ended {
  readonly batchId: string;
  readonly name: string;
  readonly run: number;
  readonly state: string;
  readonly combinations: number;
  readonly delivered: number;
  readonly failed: number;
  readonly rejected: number;
}

const MAX_NAME = 100;

/** The e-mail of a batch's end, or of a test. `link`: to its manifest with links, if clients can reach one. */
export function composeEmail(
  { id, type, body }: Pick<NewNotification, "id" | "type" | "body">,
  from: string,
  link: string | undefined,
): ComposedEmail {
  const messageId = `<${id}@${from.slice(from.lastIndexOf("@") + 1)}>`;
  if (type === "test") {
    const text = "This is a test of Polyreel's notifications.\n";
    return { messageId, subject: "Polyreel: a test of notifications", text };
  }
  const { data } = JSON.parse(body) as { data: Ended };
  const { batchId, run, delivered, failed, rejected, combinations } = data;
  const name = oneLine(data.name);
  const title = name === "" ? batchId : `"${name}"`;
  const counts = [
    `${delivered} of ${combinations} delivered`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
  ].join(", ");
  const lines = [
    `Batch ${title} is ${data.state}: ${counts}.`,
    "",
    `Batch id: ${batchId}`,
    ...(run > 1 ? [`Run: ${run}`] : []),
    ...(link ? [`Its files, a week long: ${link}`] : []),
    ...(failed > 0 ? [`What failed: polyreel list ${batchId} --state failed`] : []),
  ];
  return { messageId, subject: `Polyreel: ${title} ${data.state}: ${counts}`, text: `${lines.join("\n")}\n` };
}

/** A name becomes part of a header: without line ends and other control characters, and not too long. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .slice(0, MAX_NAME)
    .trim();
