/** The keys of the clients. Each owns jobs of its own, with the names and contents of nobody else's. */
export const KEYS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];
