# METADATA
# title: Who may talk to the OPA server
# description: |
#   Only a caller with the bearer token of the server's environment variable OPA_TOKEN. Without the
#   variable, or with an empty one, nobody.
package system.authz

default allow := false

allow if {
	token := opa.runtime().env.OPA_TOKEN
	token != ""
	input.identity == token
}
