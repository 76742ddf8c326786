import type { AdminService } from "@polyreel/contract";
import type { BatchDeps } from "../batches/deps.js";
import { assertOperator } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import { cleanUpCall } from "../retention/clean-up-call.js";
import { rebuildReadModel } from "./rebuild-read-model.js";

/** polyreel.v1.AdminService: for operators only. */
export function adminService(deps: BatchDeps): CallHandlers<typeof AdminService> {
  return {
    cleanUp: (request, call) => {
      assertOperator(call);
      return cleanUpCall(deps, request, call.signal);
    },
    rebuildReadModel: (_, call) => {
      assertOperator(call);
      return rebuildReadModel(deps, call.signal);
    },
  };
}
