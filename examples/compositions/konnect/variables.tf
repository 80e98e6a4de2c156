variable "control_plane_id" {
  description = "The control plane's ID in Konnect."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.control_plane_id))
    error_message = "control_plane_id must be a lower-case UUID, as shown by Konnect: ${var.control_plane_id} is not one."
  }
}

variable "data_planes" {
  description = "The names of the data planes. Each gets its own certificate."
  type        = set(string)
}

variable "domain" {
  description = "The DNS domain of the data planes. The intermediate may only sign names below it."
  type        = string
}

variable "organization" {
  description = "The organization in the names of the CAs."
  type        = string
  default     = null
}

variable "rotation" {
  description = "Any values. Changing one rotates the root now, and the intermediate and every leaf in the same apply."
  type        = map(string)
  default     = { since = "the beginning" }
}

variable "already_uploaded_pem" {
  description = "Other certificates that the control plane already trusts and must keep trusting, as PEM, by title: one certificate each."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([for pem in values(var.already_uploaded_pem) : length(provider::mtls::parse_certificates(pem)) == 1])
    error_message = join("\n", [
      for title, pem in var.already_uploaded_pem : "Each upload must be exactly one certificate: \"${title}\" has ${length(provider::mtls::parse_certificates(pem))}."
      if length(provider::mtls::parse_certificates(pem)) != 1
    ])
  }
  validation {
    condition     = length(mtls_control_plane_ca.root.trusted_certificates_pem) + length(var.already_uploaded_pem) <= var.upload_limit
    error_message = "The control plane takes ${var.upload_limit} uploads: already_uploaded_pem has ${length(var.already_uploaded_pem)}, and the root needs ${length(mtls_control_plane_ca.root.trusted_certificates_pem)}. Remove certificates that no data plane uses any more, or ask Kong for a higher limit and set upload_limit."
  }
}

variable "upload_limit" {
  description = "How many uploads the control plane takes. Konnect's default is 32; Kong's support can raise it."
  type        = number
  default     = 32
}

variable "event_gateway_id" {
  description = "The ID of an Event Gateway in Konnect to which the root is uploaded too. Default: none."
  type        = string
  default     = null
}

variable "running_chains_pem" {
  description = "What data planes outside this module present, as PEM, by name. The plan fails unless each of them would be accepted because of already_uploaded_pem."
  type        = map(string)
  default     = {}

  validation {
    condition     = provider::mtls::validate_fleet(values(var.already_uploaded_pem), var.running_chains_pem, { at = plantimestamp() }).trusted
    error_message = provider::mtls::validate_fleet(values(var.already_uploaded_pem), var.running_chains_pem, { at = plantimestamp() }).summary
  }
}
