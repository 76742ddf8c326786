import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { batchComments } from "@polyreel/contract/comments";
import { celMessages, rulesOf } from "./rules.js";

/** The contract's comment on a message or field, with the names used in batch files: `contain`, not `FIT_CONTAIN`. */
export type Describe = (desc: DescMessage | DescField) => { description?: string };

export function describeByComments(): Describe {
  const comments = batchComments();
  const written = writtenNames();
  const inWrittenNames = (text: string) =>
    text.replace(/\b[A-Z]+(_[A-Z0-9]+)+\b/g, (name) => written.get(name) ?? name);
  const commentOn = (name: string) => comments.get(name) ?? "";

  const ofValues = ({ typeName, values }: DescEnum) =>
    values.flatMap(({ name }) => {
      const comments = commentOn(`${typeName}.${name}`);
      return comments ? [`${name}: ${comments}`] : [];
    });
  const ofField = (field: DescField) => [
    commentOn(`${field.parent.typeName}.${field.name}`) || (field.message ? commentOn(field.message.typeName) : ""),
    ...celMessages(rulesOf(field)).map((message) => `It ${message}.`),
    ...(field.enum ? ofValues(field.enum) : []),
  ];
  return (desc) => {
    const comments = desc.kind === "message" ? [commentOn(desc.typeName)] : ofField(desc);
    const description = inWrittenNames(comments.filter(Boolean).join(" "));
    return description ? { description } : {};
  };
}

/** Names of enum values in batch files, by their names in the contract. */
function writtenNames(): Map<string, string> {
  const pairs = BatchSchema.file.enums.flatMap(({ sharedPrefix = "", values }) =>
    values.map(({ name }) => [name, name.slice(sharedPrefix.length).toLowerCase()] as const),
  );
  return new Map(pairs);
}
