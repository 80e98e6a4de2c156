variable "teams" {
  description = "The DNS domain of each team's data planes, by team name. A team's intermediate may only sign names below it."
  type        = map(string)

  validation {
    condition     = alltrue([for domain in values(var.teams) : !startswith(domain, "*") && !startswith(domain, ".")])
    error_message = "Write a team's domain without a leading dot or asterisk, such as payments.dp.acme.internal."
  }
}

# Ephemeral: no key is stored in the state that other teams can read.
variable "root_key_pem" {
  description = "The root's private key, as PEM, from the platform team's secret store."
  type        = string
  ephemeral   = true
}

variable "next_root_key_pem" {
  description = "The root's next private key, as PEM, from the increase of root_key_version until next_root is null. Then it becomes root_key_pem. Empty: there is none."
  type        = string
  default     = ""
  ephemeral   = true
}

variable "prepublish" {
  description = "How long the next root is trusted before it is presented, as a Go duration. Longer than the longest time between two applies of whoever uploads trust_anchors_pem."
  type        = string
  default     = "168h"
}

variable "team_keys_pem" {
  description = "The private key of each team's intermediate, as PEM. The platform team generates it and puts it into the team's secret store."
  type        = map(string)
  ephemeral   = true

  validation {
    condition     = length(setsubtract(keys(var.teams), keys(var.team_keys_pem))) == 0
    error_message = "Every team in teams needs a key in team_keys_pem, but at least one is missing."
  }
}

# Terraform cannot see that an ephemeral value changes. These versions say when one has.
variable "root_key_version" {
  description = "A number to increase when the root's key is replaced."
  type        = number
  default     = 1
}

variable "team_key_versions" {
  description = "A number to increase when the key of a team's intermediate is replaced, by team name. Default: 1 for each."
  type        = map(number)
  default     = {}
}
