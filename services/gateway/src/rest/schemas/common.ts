import { PROBLEM_TYPE } from "../../web/problem.js";

/** Text that may be missing. */
export const maybeText = { type: ["string", "null"] } as const;
export const maybeNumber = { type: ["number", "null"] } as const;
export const text = { type: "string" } as const;
export const time = { type: "string", format: "date-time" } as const;
export const maybeTime = { type: ["string", "null"], format: "date-time" } as const;

export const object = <const P extends Readonly<Record<string, unknown>>>(properties: P) => ({
  type: "object" as const,
  properties,
});

const PROBLEM = {
  type: "object",
  description: "A refusal, as in RFC 9457.",
  properties: {
    status: { type: "integer" },
    title: text,
    detail: { type: "string", description: "The cause and the remedy." },
    failure: {
      type: "object",
      description: "The same as fields: field, block, choice, reason, remedy, as far as they are known.",
      additionalProperties: text,
    },
  },
} as const;

/** The answers of a route: its own, and refusals. */
export const answers = (own: Readonly<Record<string, object>>) => ({
  ...own,
  "4xx": { description: "The request is refused.", content: { [PROBLEM_TYPE]: { schema: PROBLEM } } },
  "5xx": { description: "Not available, or not implemented.", content: { [PROBLEM_TYPE]: { schema: PROBLEM } } },
});

export const json = (description: string, schema: object) => ({ description, ...schema });

/** A file as it is. */
export const file = (description: string) => ({
  200: { description, content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } },
});

export const FILE_ID = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  title: "the id of a file",
  description: "The id that POST /media or POST /upload answered: 64 hexadecimal digits.",
} as const;

/** A form with a file, for the API's description alone: forms are read as they arrive. */
export const form = (fields: Readonly<Record<string, object>> = {}) => ({
  consumes: ["multipart/form-data"],
  body: {
    type: "object",
    required: ["file"],
    properties: { file: { type: "string", format: "binary", description: "The file." }, ...fields },
  },
});

/** A route's form is read by its handler. */
export const unchecked = { validatorCompiler: () => () => true } as const;
