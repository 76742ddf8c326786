import type { Batch } from "@polyreel/contract";
import { deliveriesOf, folderOf, isVirtual, MAX_DELIVERIES } from "../deliveries.js";
import { keyMistakes } from "../exact-key.js";
import { hasInputs } from "../inputs.js";
import type { Mistake } from "../mistake.js";
import { DEFAULT_TENANT } from "../normalize.js";
import { metadataBytes } from "../object-settings.js";
import { spellPlaced } from "../placed-folder.js";
import { builtInPresets, type Presets } from "../presets.js";
import { quote } from "../quote.js";
import { checkAudioFile } from "./check-audio-file.js";
import { amongTenants, isAmongTenants } from "./check-folder.js";
import { checkInputOutputs } from "./check-inputs.js";
import { checkTemplate } from "./check-naming.js";
import { checkOperations } from "./check-operations.js";
import { checkStoryboard } from "./check-storyboard.js";
import { checkTranscode } from "./check-transcode.js";

/** Mistakes in the outputs of a normalised batch. */
export function checkOutputs(batch: Batch, presets: Presets = builtInPresets): Mistake[] {
  return [
    ...checkNames(batch),
    ...checkNumber(batch),
    ...checkKeys(batch),
    ...checkDestinations(batch),
    ...batch.outputs.flatMap(({ operation }, i) =>
      operation.case === "transcode"
        ? checkTranscode(operation.value, `outputs[${i}].transcode`, [...presets.keys()])
        : operation.case === "audio"
          ? checkAudioFile(operation.value, `outputs[${i}].audio`)
          : operation.case === "storyboard"
            ? checkStoryboard(operation.value, `outputs[${i}].storyboard`, batch.outputs)
            : [],
    ),
    ...(hasInputs(batch) ? checkInputOutputs(batch) : checkOperations(batch)),
  ];
}

function checkKeys(batch: Batch): Mistake[] {
  return batch.outputs.flatMap((output, i) => {
    const field = `outputs[${i}].as`;
    const mistakes = checkTemplate({ template: output.as, what: "key", field }, batch);
    return mistakes.length > 0 ? mistakes : keyMistakes(output, field);
  });
}

function checkNames({ outputs }: Batch): Mistake[] {
  return outputs.flatMap(({ name }, i) => {
    const field = `outputs[${i}].name`;
    const first = outputs.findIndex((output) => output.name === name);
    if (first === i) return name.length > MAX_NAME_LENGTH ? [{ field, ...tooLong(name) }] : [];
    return [
      {
        field,
        reason: `Two outputs are named ${quote(name)}: outputs[${first}] and outputs[${i}].`,
        remedy: "Give each output a name of its own.",
      },
    ];
  });
}

/** As in the schema, which does not see what is appended to the names of several outputs from one. */
const MAX_NAME_LENGTH = 32;

const tooLong = (name: string) => ({
  reason: `The output would be named ${quote(name)}, which is longer than ${MAX_NAME_LENGTH} characters.`,
  remedy: "Choose a shorter name.",
});

function checkNumber(batch: Batch): Mistake[] {
  const { length } = deliveriesOf(batch);
  if (length <= MAX_DELIVERIES) return [];
  return [
    {
      field: "outputs",
      reason: `The outputs have ${length} destinations in all; ${MAX_DELIVERIES} are possible.`,
      remedy: "Leave out destinations, or make the others in a batch of its own: what is the same is used again.",
    },
  ];
}

/** Outputs with the same folder share its mistakes: each is reported once. */
function checkDestinations(batch: Batch): Mistake[] {
  const { tenant, name } = batch;
  const found = new Map<string, Mistake>();
  const add = (key: string, mistake: Mistake) => found.has(key) || found.set(key, mistake);
  const seen = new Set<string>();
  for (const { output, position, destination } of deliveriesOf(batch)) {
    const { prune = false, ...placed } = folderOf(destination) ?? NOWHERE;
    const field = `outputs[${output}].to[${position}].${destination.kind.case ?? "folder"}`;
    const folder = isVirtual(destination) ? `${field}.folder` : field;
    const place = `${output} ${isVirtual(destination)} ${spellPlaced(placed)}`;
    if (seen.has(place)) {
      add(place, {
        field,
        reason: `The output goes to the same ${isVirtual(destination) ? "place" : "folder"} twice.`,
        remedy: "Name each destination of an output once.",
      });
    }
    seen.add(place);
    const { path } = placed;
    if (tenant === DEFAULT_TENANT && isAmongTenants(path)) {
      const named = destination.kind.case === "s3" ? "prefix" : "path";
      add(`tenants ${path}`, { field: `${folder}.${named}`, ...amongTenants });
    }
    if (prune && name === "") add("prune", { field: `${folder}.prune`, ...NAMELESS });
    const metadata = destination.kind.case === "s3" ? destination.kind.value.metadata : {};
    const mistake = metadataMistake(metadata);
    if (mistake) add(`metadata ${place}`, { field: `${field}.metadata`, ...mistake });
  }
  return [...found.values()];
}

const NOWHERE = { destination: "", bucket: "", path: "", overwrite: false, prune: false };

/** S3 takes 2 KiB an object; Polyreel's own needs the rest. */
const MAX_METADATA_BYTES = 1000;
/** Prefix of Polyreel's own metadata. */
const RESERVED = "polyreel-";

function metadataMistake(metadata: Readonly<Record<string, string>>): Omit<Mistake, "field"> | undefined {
  const reserved = Object.keys(metadata).find((name) => name.startsWith(RESERVED));
  if (reserved !== undefined) {
    return {
      reason: `Names that begin with "${RESERVED}" are Polyreel's own: ${reserved}.`,
      remedy: "Choose another name.",
    };
  }
  const bytes = metadataBytes(metadata);
  if (bytes <= MAX_METADATA_BYTES) return undefined;
  return {
    reason: `The metadata of the objects has ${bytes} bytes; ${MAX_METADATA_BYTES} are allowed.`,
    remedy: "Leave out some of it, or shorten its values.",
  };
}

const NAMELESS = {
  reason: "Only a batch with a name can prune: files that it has no more are those of earlier batches of its name.",
  remedy: "Give the batch a name, or leave prune out.",
};
