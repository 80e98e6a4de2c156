# Every argument and every output, for certificates that Terraform did not issue.
data "mtls_chain_validation" "store" {
  verifier             = "kong_hybrid_pki"
  ocsp                 = "optional" # cluster_ocsp
  trust_anchors_pem    = [file("corporate-ca.pem")]
  presented_chain_pem  = file("store.pem")
  revocation_lists_pem = [file("corporate-ca.crl.pem")]
  at                   = timeadd(plantimestamp(), "24h") # tomorrow
  require_valid_for    = "720h"                          # and the 30 days after
}

output "store" {
  value = {
    trusted      = data.mtls_chain_validation.store.trusted
    mode         = data.mtls_chain_validation.store.mode # "pki"
    leaf_subject = data.mtls_chain_validation.store.path[0].subject
    anchor       = data.mtls_chain_validation.store.anchor.fingerprint_sha256
    valid_until  = data.mtls_chain_validation.store.valid_until
    findings = [
      for finding in data.mtls_chain_validation.store.findings :
      "${finding.severity} ${finding.code}, ${coalesce(finding.certificate, "in general")}: ${finding.detail}; ${finding.hint}"
    ]
    # The same for programs: which certificate of which argument, where the rule is written, and what the control plane would log.
    for_programs = [
      for finding in data.mtls_chain_validation.store.findings :
      { code = finding.code, clause = finding.clause, says = finding.verifier_says, in = finding.found_in, position = finding.position, sha256 = finding.fingerprint_sha256 }
    ]
    for_people  = data.mtls_chain_validation.store.summary
    for_mermaid = data.mtls_chain_validation.store.diagram
  }
}
