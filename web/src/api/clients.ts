import type { DescService } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AccessService, BatchService } from "@polyreel/contract";

/** Leads to the sign-in page and back here, whatever was called. */
const signInWhenAsked: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
    const { pathname, search } = window.location;
    window.location.assign(`/sign-in?${new URLSearchParams({ to: pathname + search })}`);
    return new Promise(() => undefined); // The page is left: no error is to flash up.
  }
};

const transport = createConnectTransport({ baseUrl: "/", useHttpGet: true, interceptors: [signInWhenAsked] });

export const clientOf = <Service extends DescService>(service: Service): Client<Service> =>
  createClient(service, transport);

export const batches: Client<typeof BatchService> = clientOf(BatchService);
export const access: Client<typeof AccessService> = clientOf(AccessService);
