import { type RawBuilder, sql } from "kysely";
import type { Scope } from "../../call/call.js";
import { plain } from "./rows.js";

/** Whether a row of `batches` is within a scope. */
export const inScope = (scope: Scope): RawBuilder<boolean> =>
  "all" in scope ? sql<boolean>`true` : sql<boolean>`tenant = ${plain(scope.tenant)}`;

/** Whether a row belongs to a batch within a scope. */
export const ofScope = (scope: Scope): RawBuilder<boolean> =>
  "all" in scope ? sql<boolean>`true` : sql<boolean>`batch_id in (select id from batches where ${inScope(scope)})`;
