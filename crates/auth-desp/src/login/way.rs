//! Another way to prove who somebody is, where the first that a page asks for is none that a program has.

use auth_core::{Error, Result};
use http::StatusCode;

use super::attempt::Attempt;
use super::stuck::stuck;
use super::visit::Arrived;
use crate::page::{Form, Page, Way};

impl Attempt<'_> {
    /// Leaves a page that asks for a security key or the like: it leads to the other ways. Nothing is sent that would be
    /// counted as a try.
    pub(super) async fn leave(&mut self, page: Page, way_out: &Form) -> Result<Arrived> {
        let latest = self.visit.latest.clone();
        self.wanted.get_or_insert((page, latest));
        self.visit.send(way_out, &[]).await
    }

    /// Goes each of the ways, one after the other, until one asks for what a program has.
    pub(super) async fn go_on(&mut self, ways: &[Way], status: StatusCode) -> Result<Arrived> {
        let Some(way) = ways.get(self.ways_gone) else {
            return Err(self.no_way(Page::Ways(Vec::new()), status));
        };
        self.ways_gone += 1;
        self.visit.send(way.form(), &[way.choice()]).await
    }

    /// Why the login does not go on: for what was asked first, where no other way leads on.
    pub(super) fn no_way(&mut self, page: Page, status: StatusCode) -> Error {
        let is_a_way = matches!(
            page,
            Page::SecurityKey | Page::RecoveryCode { .. } | Page::Ways(_) | Page::Unknown(_)
        );
        let page = match self.wanted.take().filter(|_| is_a_way) {
            Some((wanted, latest)) => {
                self.visit.latest = latest;
                wanted
            }
            None => page,
        };
        stuck(&self.login.platform, &self.login.service, page, status)
    }
}
