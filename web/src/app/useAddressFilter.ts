import { useSearchParams } from "react-router";

/** What a list is filtered by, kept in the address: it lasts over a reload and can be sent to somebody. */
export function useAddressFilter() {
  const [params, setParams] = useSearchParams();

  function set(name: string, value: string) {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  }

  const clear = () => setParams({}, { replace: true });
  return { get: (name: string) => params.get(name) ?? "", set, clear };
}
