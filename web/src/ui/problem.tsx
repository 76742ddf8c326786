import "./problem.css";
import { refusalOf } from "../api/refusal.js";

/** A refused call, in the gateway's words, with what to do and what to look for in the traces. */
export function Problem({ error }: { readonly error: unknown }) {
  const { reason, remedy, traceId } = refusalOf(error);
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{reason}</strong> {remedy}
      </p>
      {traceId === "" ? null : (
        <p class="quiet">
          Trace <code>{traceId}</code>
        </p>
      )}
    </div>
  );
}
