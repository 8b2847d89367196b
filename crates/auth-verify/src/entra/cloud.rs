//! [`Cloud`]: where Entra is. A closed list: no token says it, and no configuration adds to it.
//!
//! The hosts are those of Microsoft's pages about national clouds. That v1.0 tokens of US Government are issued
//! by the global `sts.windows.net` is Microsoft's answer in its forum for such questions
//! (learn.microsoft.com/answers/questions/1190472); the owner of the key tells the two clouds apart.

/// One of Microsoft's clouds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// The global one.
    #[default]
    Global,
    /// Azure US Government.
    UsGovernment,
    /// Azure operated by 21Vianet.
    China,
}

impl Cloud {
    pub(crate) const ALL: [Self; 3] = [Self::Global, Self::UsGovernment, Self::China];

    /// The host of logins, keys and v2.0 issuers.
    pub(crate) fn login(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovernment => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// The host of v1.0 issuers.
    pub(crate) fn sts(self) -> &'static str {
        match self {
            Self::Global | Self::UsGovernment => "https://sts.windows.net",
            Self::China => "https://sts.chinacloudapi.cn",
        }
    }
}
