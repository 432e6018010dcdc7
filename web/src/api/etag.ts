/** The entity tag of what was shown: a change is refused (412) when somebody else was quicker. */
export const ifMatch = ({ revision }: { revision: string }) => ({ "If-Match": `"${revision}"` });
