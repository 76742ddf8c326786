import type { CombinationStatus } from "@polyreel/contract";
import { useQueryClient } from "@tanstack/preact-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "preact/hooks";
import { batches } from "../api/clients.js";
import { useBlocks } from "../batch/blocks.js";

interface ChoicesProps {
  readonly batchId: string;
  readonly status: CombinationStatus;
}

/** The choice of each block. Another one shows the video that differs in it alone; arrow keys walk along a block. */
export function Choices({ batchId, status }: ChoicesProps) {
  const { data: blocks = [] } = useBlocks(batchId);
  const { with: other } = useSearch({ from: "/batches/$batchId/videos/$combinationId" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [missing, setMissing] = useState("");
  const choicesOf = (block: string): string[] =>
    blocks.find(({ name }) => name === block)?.choices.map(({ choice }) => choice) ?? [];
  const choose = async (block: string, choice: string, compared: boolean): Promise<void> => {
    const choices = status.choices.map((one) => (one.block === block ? { block, choice } : { ...one }));
    const found = await queries.fetchQuery({
      queryKey: ["combination-of", batchId, choices.map((one) => one.choice)],
      queryFn: () => batches.listCombinations({ batchId, choices, pageSize: 1 }),
    });
    const id = found.combinations[0]?.id;
    setMissing(id ? "" : `No video of this batch has ${choice} beside the other choices.`);
    if (!id) return;
    await navigate({
      to: "/batches/$batchId/videos/$combinationId",
      params: { batchId, combinationId: compared ? status.id : id },
      search: (search) => ({ ...search, ...(compared && { with: id }) }),
      replace: true,
    });
  };
  return (
    <section aria-labelledby="choices">
      <h2 id="choices">Choices</h2>
      {status.choices.map(({ block, choice }) => (
        <div key={block} class="choice-row">
          <label for={`choice-${block}`}>{block}</label>
          <div class="choice-selects">
            <select
              id={`choice-${block}`}
              value={choice}
              onChange={({ currentTarget }) => void choose(block, currentTarget.value, false)}
            >
              {choicesOf(block).map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
            <select
              aria-label={`Compare with another ${block}`}
              value=""
              onChange={({ currentTarget }) => void choose(block, currentTarget.value, true)}
            >
              <option value="">{other ? "compare with another…" : "compare with…"}</option>
              {choicesOf(block)
                .filter((one) => one !== choice)
                .map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
            </select>
          </div>
        </div>
      ))}
      <p role="status" class="quiet">
        {missing}
      </p>
    </section>
  );
}
