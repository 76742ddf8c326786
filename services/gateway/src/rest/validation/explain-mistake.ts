import { PolyreelError } from "@polyreel/platform";
import { nearest } from "@polyreel/spec";
import type { ErrorObject } from "ajv";

/** What may be said of a mistake: the field, the reason and the remedy. */
interface Explanation {
  readonly field: string;
  readonly reason: string;
  readonly remedy?: string;
}

/** A JSON schema with what its errors need. */
interface Described {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly minLength?: number;
  /** What `anyOf` requires, in words. */
  readonly "x-needs"?: string;
}

/**
 * Explains the first mistake in a request in its own words: the field by its path, the wrong value, and what is allowed.
 * `part` is where it is: "body", "querystring", "params". Pure.
 */
export function explainMistake(errors: readonly ErrorObject[], part: string): PolyreelError {
  // Errors of the branches of `anyOf` come before its own, which says what is needed.
  const error = errors.find(({ keyword }) => keyword === "anyOf") ?? errors[0];
  return new PolyreelError("invalid", error ? explain(error, part) : { reason: `The ${part} is wrong.` });
}

function explain({ keyword, instancePath, params, parentSchema, data }: ErrorObject, part: string): Explanation {
  const schema = (parentSchema ?? {}) as Described;
  const field = fieldOf(instancePath);
  const isBody = field === "" && part === "body";
  switch (keyword) {
    case "type":
      if (isBody) return { field: "body", reason: `The body must be JSON, an ${params.type}.` };
      return { field, reason: `must be ${article(String(params.type))}, got ${shown(data)}.`, ...remedyOf(schema) };
    case "required": {
      const missing = String(params.missingProperty);
      return { field: under(field, missing), reason: "is missing.", ...remedyOf(schema.properties?.[missing] ?? {}) };
    }
    case "additionalProperties": {
      const unknown = String(params.additionalProperty).slice(0, 100);
      const known = Object.keys(schema.properties ?? {});
      return { field: under(field, unknown), reason: "There is no such field here.", remedy: choiceOf(unknown, known) };
    }
    case "enum": {
      const allowed = (params.allowedValues as readonly unknown[]).map(String);
      const isText = typeof data === "string";
      return { field, reason: `must not be ${shown(data)}.`, remedy: choiceOf(isText ? data : "", allowed) };
    }
    case "pattern":
      return { field, reason: `${shown(data)} is not ${schema.title ?? "of the expected form"}.`, ...remedyOf(schema) };
    case "anyOf":
      return { field: field || "body", reason: schema["x-needs"] ?? "Fields are missing." };
    case "uniqueItems":
      return { field, reason: `names ${shown((data as readonly unknown[])[Number(params.i)])} twice.` };
    default:
      return { field: field || part, reason: `${boundOf(keyword, params.limit)}, got ${shown(data)}.` };
  }
}

const BOUNDS_OF_ONE: Readonly<Record<string, string>> = {
  minItems: "must not be empty",
  minLength: "must not be empty",
};

const BOUNDS: Readonly<Record<string, (limit: unknown) => string>> = {
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  minItems: (limit) => `must have at least ${limit} values`,
  maxItems: (limit) => `must have at most ${limit} values`,
  minLength: (limit) => `must have at least ${limit} characters`,
  maxLength: (limit) => `must have at most ${limit} characters`,
};

const boundOf = (keyword: string, limit: unknown): string =>
  (limit === 1 ? BOUNDS_OF_ONE[keyword] : undefined) ?? BOUNDS[keyword]?.(limit) ?? `violates ${keyword}`;

/** "/operations/1" as people write it: "operations[1]". */
const fieldOf = (instancePath: string): string =>
  instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : under(path, step)), "");

const under = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

const remedyOf = ({ description }: Described): { remedy?: string } =>
  description === undefined ? {} : { remedy: `It is: ${description}` };

function choiceOf(name: string, allowed: readonly string[]): string {
  const meant = nearest(name, allowed);
  return `${meant === undefined ? "" : `Did you mean ${meant}? `}Allowed: ${allowed.join(", ")}.`;
}

const article = (type: string): string => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);

/** A value of any kind and length, for messages. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
