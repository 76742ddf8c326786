import { create, type DescField, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import { createValidator, type Validator, type Violation } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import {
  type Batch,
  EstimateBatchRequestSchema,
  type Failure,
  SubmitBatchRequestSchema,
  WatchBatchRequestSchema,
} from "@polyreel/contract";
import {
  builtInPresets,
  failureOf,
  type Mistake,
  normalizeBatch,
  type Presets,
  specifiedIndexes,
} from "@polyreel/spec";
import { checkBatch, comparePlaces, placeOf, wordingOf } from "@polyreel/spec/checks";
import { invalidArgument } from "./errors.js";
import { isChecked } from "./large-requests/check-large-requests.js";
import { measureRequest } from "./request-size.js";

/** Mistakes in a request: messages for people, and the violated rules of its schema for programs. */
interface Findings {
  readonly failures: readonly Failure[];
  readonly violations: readonly Violation[];
}

/** Finds mistakes in a request: by its schema's rules, and for batches further ones. */
export type RequestCheck = <D extends DescMessage>(schema: D, message: MessageShape<D>) => Findings;

/** For requests with more entries only the first violation is reported: each takes about 20 microseconds to describe. */
const MANY_ENTRIES = 10_000;

/** Compiles the rules once, and runs them once: the first run takes 80 ms, later ones microseconds. */
export function createRequestCheck(presets: Presets = builtInPresets): RequestCheck {
  const thorough = createValidator();
  const quick = createValidator({ failFast: true });
  const check: RequestCheck = (schema, message) => {
    const { entries, mistakes } = measureRequest(schema, message);
    const batch = batchOf(message);
    if (mistakes.length > 0) return { failures: mistakes.map((mistake) => unusable(mistake, batch)), violations: [] };
    const violations = brokenRules(entries > MANY_ENTRIES ? quick : thorough, schema, message);
    if (entries > MANY_ENTRIES && violations.length > 0) {
      return { failures: violations.map((violation) => brokenRule(violation, batch)), violations };
    }
    const broken = violations.map((violation) => brokenRule(violation, batch));
    const beyond = batch ? asSpecified(checkBatch(normalizeBatch(batch, presets), presets), batch) : [];
    // Fields with a schema violation are not reported twice.
    const fields = new Set(broken.map((failure) => failure.field));
    const failures = [...broken, ...beyond.filter((failure) => !fields.has(failure.field))];
    return { failures: failures.sort((a, b) => comparePlaces(a.field, b.field)), violations };
  };
  check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch: { blocks: [{}], canvas: {} } }));
  check(WatchBatchRequestSchema, create(WatchBatchRequestSchema));
  return check;
}

/** Names outputs by their positions in the request: normalising makes several of some. */
function asSpecified(failures: readonly Failure[], { outputs, inputs }: Batch): readonly Failure[] {
  if (failures.length === 0) return failures;
  const indexes = specifiedIndexes(outputs, inputs.length > 0);
  const specified = (field: string) =>
    field.replace(/^outputs\[(\d+)\]/, (_, i) => `outputs[${indexes[Number(i)] ?? i}]`);
  const distinct = new Map<string, Failure>();
  for (const failure of failures) {
    const field = specified(failure.field);
    const key = field.startsWith("outputs[") ? `${field} ${failure.remedy}` : `${distinct.size}`;
    if (!distinct.has(key)) distinct.set(key, { ...failure, field });
  }
  return [...distinct.values()];
}

/** Refuses invalid requests as INVALID_ARGUMENT, before their handler sees them; for streams, each message. */
export function validateRequests(check: RequestCheck): Interceptor {
  const assertRight = <D extends DescMessage>(schema: D, message: MessageShape<D>): void => {
    const { failures, violations } = check(schema, message);
    if (failures.length > 0) throw invalidArgument(failures, violations);
  };
  return (next) => async (request) => {
    if (!request.stream) {
      if (!request.contextValues.get(isChecked)) assertRight(request.method.input, request.message);
      return next(request);
    }
    const { message: messages, method } = request;
    const checked = async function* () {
      for await (const message of messages) {
        assertRight(method.input, message);
        yield message;
      }
    };
    return next({ ...request, message: checked() });
  };
}

function batchOf(message: Message): Batch | undefined {
  const known = [SubmitBatchRequestSchema, EstimateBatchRequestSchema];
  if (!known.some(({ typeName }) => typeName === message.$typeName)) return undefined;
  return (message as MessageShape<(typeof known)[number]>).batch;
}

function brokenRules<D extends DescMessage>(validator: Validator, schema: D, message: MessageShape<D>): Violation[] {
  const result = validator.validate(schema, message);
  if (result.kind === "error") throw result.error;
  return result.violations ?? [];
}

function unusable(mistake: Mistake, batch: Batch | undefined): Failure {
  const field = mistake.field.replace(/^batch\./, "");
  const { block, choice } = placeOf(field, batch); // Which may be the invalid part.
  return failureOf({ block: wellFormed(block), choice: wellFormed(choice), ...mistake, field });
}

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

function brokenRule(violation: Violation, batch: Batch | undefined): Failure {
  const field = jsonPath(violation.field).replace(/^batch\./, "");
  return failureOf({
    ...placeOf(field, batch),
    field,
    ...wordingOf(field, violation.ruleId, violation.message, fieldOf(violation.field)),
  });
}

/** A field's path in the spelling of JSON and of batch files: "outputs[0].transcode.videoKbps". */
function jsonPath(path: Path): string {
  const written = path.map((part) => {
    switch (part.kind) {
      case "field":
        return `.${part.jsonName}`;
      case "list_sub":
        return `[${part.index}]`;
      case "map_sub":
        return `[${JSON.stringify(part.key)}]`;
      default:
        return `.${part.name}`;
    }
  });
  return written.join("").replace(/^\./, "");
}

const fieldOf = (path: Path): DescField | undefined =>
  path.flatMap((part) => (part.kind === "field" ? [part] : [])).at(-1);
