import type { BatchStatus } from "@polyreel/contract";
import { useMutation, useQueryClient } from "@tanstack/preact-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "preact/hooks";
import { batches } from "../api/clients.js";
import { Problem } from "../ui/problem.js";
import { ConfirmDialog } from "./confirm-dialog.js";
import { hasEnded } from "./has-ended.js";

/** What can be done with a batch in its state. What cannot be undone asks for its name first. */
export function BatchActions({ batch }: { readonly batch: BatchStatus }) {
  const { batchId, name, combinations } = batch;
  const [asked, setAsked] = useState<"cancel" | "delete">();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: async (action: "retry" | "cancel" | "delete"): Promise<void> => {
      if (action === "retry") await batches.retryBatch({ batchId });
      if (action === "cancel") await batches.cancelBatch({ batchId });
      if (action === "delete") await batches.deleteBatch({ batchId });
    },
    onSuccess: async (_result, action) => {
      setAsked(undefined);
      if (action === "delete") await navigate({ to: "/batches" });
      await queries.invalidateQueries();
    },
  });
  const word = name || batchId;
  const isEnded = hasEnded(batch);
  return (
    <>
      {isEnded && (combinations?.failed ?? 0n) > 0n ? (
        <button type="button" disabled={act.isPending} onClick={() => act.mutate("retry")}>
          Retry the failed
        </button>
      ) : null}
      {isEnded ? (
        <button type="button" class="dangerous" onClick={() => setAsked("delete")}>
          Delete…
        </button>
      ) : (
        <button type="button" class="dangerous" onClick={() => setAsked("cancel")}>
          Cancel…
        </button>
      )}
      {act.error && !asked ? <Problem error={act.error} /> : null}
      {asked ? (
        <ConfirmDialog
          title={asked === "delete" ? "Delete this batch?" : "Cancel this batch?"}
          text={
            asked === "delete"
              ? "Its videos in Polyreel's own folder, its specification and the parts that no other batch uses are removed. This cannot be undone."
              : "What is not delivered yet is never made. This cannot be undone."
          }
          word={word}
          action={asked === "delete" ? "Delete" : "Cancel the batch"}
          error={act.error}
          isPending={act.isPending}
          confirmed={() => act.mutate(asked)}
          closed={() => {
            act.reset();
            setAsked(undefined);
          }}
        />
      ) : null}
    </>
  );
}
