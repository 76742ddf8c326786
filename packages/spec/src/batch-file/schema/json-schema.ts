/** A JSON Schema, or a part of one (json-schema.org, 2020-12). */
export type JsonSchema = { readonly [keyword: string]: unknown };

export const DIALECT = "https://json-schema.org/draft/2020-12/schema";
