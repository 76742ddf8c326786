import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  type ContactSheet,
  Container,
  type Destination,
  DestinationSchema,
  type Output,
  OutputSchema,
  PictureFormat,
} from "../gen/polyreel/v1/batch_pb.js";
import { operationOf } from "./operations.js";

/**
 * A batch's outputs with every default filled in, all in the present spelling: an operation with a name and destinations.
 * Without any it is the joined MP4. Pure, and the same again when applied twice.
 */
export function normalizeOutputs(given: readonly Output[]): Output[] {
  const outputs = (given.length > 0 ? given : [create(OutputSchema)]).flatMap(inPresentSpelling);
  const names = new Set(outputs.map(({ name }) => name));
  for (const output of outputs) {
    fillOperation(output);
    if (output.name === "") {
      output.name = freeName(operationOf(output).outputName, names);
      names.add(output.name);
    }
    if (output.to.length === 0) output.to = [folder()];
    output.to.forEach(fillDestination);
  }
  return outputs;
}

/** Whether an output has a field of the former spelling: a video with pictures beside it in one destination. */
export const isFormerSpelling = ({ container, destination, poster, contactSheet, virtual }: Output): boolean =>
  container !== Container.UNSPECIFIED ||
  destination !== undefined ||
  poster !== undefined ||
  contactSheet !== undefined ||
  virtual;

/** A poster and a contact sheet are outputs of their own, in the video's destination. */
function inPresentSpelling(output: Output): Output[] {
  if (!isFormerSpelling(output)) return [clone(OutputSchema, output)];
  const { destination, virtual, poster, contactSheet } = output;
  const to = () => [virtual ? virtually(destination) : destination ? clone(DestinationSchema, destination) : folder()];
  const of = (operation: MessageInitShape<typeof OutputSchema>["operation"]) =>
    create(OutputSchema, { to: to(), ...(operation && { operation }) });
  return [
    of({ case: "mp4", value: {} }),
    ...(poster ? [of({ case: "thumbnail", value: { at: poster } })] : []),
    ...(contactSheet ? [of({ case: "sheet", value: contactSheet })] : []),
  ];
}

const folder = (): Destination => create(DestinationSchema, { kind: { case: "folder", value: {} } });

/** Its folder is that of the manifest, and of later deliveries. */
function virtually(destination: Destination | undefined): Destination {
  const kept = destination?.kind.case === "folder" ? { folder: destination.kind.value } : {};
  return create(DestinationSchema, { kind: { case: "virtual", value: kept } });
}

function fillOperation(output: Output): void {
  const { operation } = output;
  if (operation.case === undefined) {
    output.operation = create(OutputSchema, { operation: { case: "mp4", value: {} } }).operation;
  } else if (operation.case === "thumbnail") {
    operation.value.at ??= create(DurationSchema);
    operation.value.format ||= PictureFormat.JPEG;
  } else if (operation.case === "sheet") {
    fillSheet(operation.value);
  }
}

function fillSheet(sheet: ContactSheet): void {
  sheet.columns ||= 4;
  sheet.rows ||= 4;
  sheet.width ||= 160;
}

function fillDestination(destination: Destination): void {
  if (destination.kind.case === undefined) destination.kind = folder().kind;
}

/** Names that are not valid are left for the checks to refuse. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
