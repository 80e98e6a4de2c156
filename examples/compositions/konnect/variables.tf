variable "control_plane_id" {
  description = "The control plane's id in Konnect."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.control_plane_id))
    error_message = "control_plane_id is a UUID in lower case, as Konnect shows it: ${var.control_plane_id} is none."
  }
}

variable "data_planes" {
  description = "The names of the data planes. Each gets a certificate of its own."
  type        = set(string)
}

variable "domain" {
  description = "The DNS domain of the data planes: the intermediate signs names below it, and no others."
  type        = string
}

variable "organization" {
  description = "The organization in the CAs' names."
  type        = string
  default     = null
}

variable "rotation" {
  description = "Any values; a change of them rotates the root now. The intermediate and every leaf follow in the same apply."
  type        = map(string)
  default     = { since = "the beginning" }
}

variable "uploaded_already_pem" {
  description = "What the control plane trusts besides and is to go on trusting, as PEM by a title: one certificate each."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([for pem in values(var.uploaded_already_pem) : length(provider::mtls::parse_certificates(pem)) == 1])
    error_message = join("\n", [
      for title, pem in var.uploaded_already_pem : "An upload is one certificate: \"${title}\" has ${length(provider::mtls::parse_certificates(pem))}."
      if length(provider::mtls::parse_certificates(pem)) != 1
    ])
  }
}

variable "running_chains_pem" {
  description = "What data planes present that this module does not manage, as PEM by their names. The plan stops unless uploaded_already_pem lets each of them in."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for chain in values(var.running_chains_pem) : provider::mtls::validate_chain(values(var.uploaded_already_pem), chain, "konnect", plantimestamp()).trusted
    ])
    error_message = join("\n", [
      for name, chain in var.running_chains_pem : "${name}: ${provider::mtls::validate_chain(values(var.uploaded_already_pem), chain, "konnect", plantimestamp()).summary}"
      if !provider::mtls::validate_chain(values(var.uploaded_already_pem), chain, "konnect", plantimestamp()).trusted
    ])
  }
}
