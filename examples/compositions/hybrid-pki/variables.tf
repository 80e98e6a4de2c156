variable "control_plane" {
  description = "Host and port that data planes connect to. The host is the name in the control plane's certificate."
  type        = string

  validation {
    condition     = can(regex("^[^/:]+:[0-9]+$", var.control_plane))
    error_message = "control_plane must be HOST:PORT without a scheme, such as control-plane.kong.svc:8005; it is \"${var.control_plane}\"."
  }
}

variable "data_planes" {
  description = "The names of the data planes. Each gets its own certificate."
  type        = set(string)
}

variable "domain" {
  description = "The DNS domain of the data planes."
  type        = string
}

variable "folder" {
  description = "The directory of the certificate, its key and the CAs on each node."
  type        = string
  default     = "/etc/kong/cluster"
}

variable "rotation" {
  description = "Any values. Changing one rotates the root: the next root is trusted at once, and everything below it is issued anew by the first apply after prepublish."
  type        = map(string)
  default     = { since = "the beginning" }
}

variable "prepublish" {
  description = "How long the next root is trusted before anything below it is presented, as a Go duration. Longer than it takes until every node, of both sides, has been restarted with the new ca.crt. \"0s\" in an emergency only."
  type        = string
  default     = "168h"
}

variable "overlap" {
  description = "How long the previous root stays trusted after that, as a Go duration. Longer than it takes until every node has been restarted with its new tls.crt. \"0s\" withdraws it at once."
  type        = string
  default     = "720h"
}

variable "additional_cas_pem" {
  description = "Other CAs that the control plane trusts, as PEM, by a name of your choice: those of data planes that this module does not manage."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([for ca in flatten([for pem in values(var.additional_cas_pem) : provider::mtls::parse_certificates(pem)]) : ca.is_ca])
    error_message = join("\n", [
      for ca in flatten([for pem in values(var.additional_cas_pem) : provider::mtls::parse_certificates(pem)]) : "cluster_ca_cert must only contain CA certificates: ${ca.subject} is not one." if !ca.is_ca
    ])
  }
}

variable "running_chains_pem" {
  description = "What those data planes present, as PEM, by name. The plan fails unless nginx, which decides in this mode, would accept each of them."
  type        = map(string)
  default     = {}

  validation {
    condition     = provider::mtls::validate_fleet(values(var.additional_cas_pem), var.running_chains_pem, { at = plantimestamp(), verifier = "kong_hybrid_pki" }).trusted
    error_message = provider::mtls::validate_fleet(values(var.additional_cas_pem), var.running_chains_pem, { at = plantimestamp(), verifier = "kong_hybrid_pki" }).summary
  }
}
