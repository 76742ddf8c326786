import { useQuery } from "@tanstack/preact-query";
import { access } from "../api/clients.js";

/** The person who signed in, with the way out; nothing where the gateway asks nobody. */
export function WhoAmI() {
  const { data } = useQuery({ queryKey: ["caller"], queryFn: () => access.getCaller({}), staleTime: 60_000 });
  if (!data?.email) return null;
  return (
    <form method="post" action="/sign-out" class="who">
      <span class="quiet">
        {data.email}
        {data.tenant === "" ? ", all tenants" : ` of ${data.tenant}`}
      </span>{" "}
      <button type="submit">Sign out</button>
    </form>
  );
}
