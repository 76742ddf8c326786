import type { AdminService } from "@polyreel/contract";
import type { BatchDeps } from "../batches/deps.js";
import { assertOperator, reaches } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import { cleanUpCall } from "../retention/clean-up-call.js";
import { rebuildReadModel } from "./rebuild-read-model.js";

/** polyreel.v1.AdminService: for operators; clean-ups also for administrators, of their own tenant. */
export function adminService(deps: BatchDeps): CallHandlers<typeof AdminService> {
  return {
    cleanUp: (request, call) => {
      const { whose } = request;
      if (whose.case !== "tenant" || !reaches(call.scope, whose.value)) assertOperator(call);
      return cleanUpCall(deps, request, call.signal);
    },
    rebuildReadModel: (_, call) => {
      assertOperator(call);
      return rebuildReadModel(deps, call.signal);
    },
  };
}
