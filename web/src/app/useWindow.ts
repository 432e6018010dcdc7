import { useAddressFilter } from "./useAddressFilter";

/** Which window of a form stands over the page, kept in the address as filters are: "create", or what is done to whom. */
export function useWindow() {
  const address = useAddressFilter();
  const [what = "", ...rest] = address.get("window").split(":");
  return {
    what,
    id: rest.join(":"),
    open: (kind: string, id = "") => address.set("window", id ? `${kind}:${id}` : kind),
    close: () => address.set("window", ""),
  };
}
