# METADATA
# title: A policy about waivers that tells what it sees
# description: With it the router's tests look at `data.lakewarden_run` from where a policy stands.
package lakewarden.waivers.testing.seeing

pass contains data.lakewarden_run
