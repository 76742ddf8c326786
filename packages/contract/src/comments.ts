import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/**
 * The comments on the batch's messages, fields, enums and values in the .proto files, by name: `polyreel.v1.Canvas`,
 * `polyreel.v1.Canvas.frame_rate`, `polyreel.v1.Fit.FIT_COVER`. Each on one line. Reads a file written by `npm run
 * generate`: the generated code has no comments at run time.
 */
export function batchComments(): ReadonlyMap<string, string> {
  const bytes = readFileSync(createRequire(import.meta.url).resolve("@polyreel/contract/batch-comments.binpb"));
  return new Map(fromBinary(FileDescriptorSetSchema, bytes).file.flatMap((file) => [...commentsOf(file)]));
}

/** Field numbers in descriptor.proto, as used in the paths of comments. */
const MESSAGES = 4;
const ENUMS = 5;
const FIELDS_OR_VALUES = 2;

function* commentsOf(file: FileDescriptorProto): Generator<[name: string, comment: string]> {
  const names = namesByPath(file);
  for (const { path, leadingComments } of file.sourceCodeInfo?.location ?? []) {
    const name = names.get(path.join("."));
    const comment = leadingComments.trim().replace(/\s*\n\s*/g, " ");
    if (name && comment) yield [name, comment];
  }
}

function namesByPath({ package: home, messageType, enumType }: FileDescriptorProto): Map<string, string> {
  const names = new Map<string, string>();
  const add = (kind: number, index: number, name: string, parts: readonly { name: string }[]) => {
    names.set(`${kind}.${index}`, `${home}.${name}`);
    for (const [at, part] of parts.entries()) {
      names.set(`${kind}.${index}.${FIELDS_OR_VALUES}.${at}`, `${home}.${name}.${part.name}`);
    }
  };
  for (const [index, { name, field }] of messageType.entries()) add(MESSAGES, index, name, field);
  for (const [index, { name, value }] of enumType.entries()) add(ENUMS, index, name, value);
  return names;
}
