# Rails' controllers and jobs with the code of docs/web-servers.md (SNIPPET), served at the port of the command line.
require "logger"
require "net/http"
require "action_controller"
require "active_job"
require "active_model"
require "rack"
require "rack/handler/webrick"

ActiveJob::Base.queue_adapter = :inline
ActiveJob::Base.logger = Logger.new(nil)
ApplicationJob = Class.new(ActiveJob::Base)

Routes = ActionDispatch::Routing::RouteSet.new
Routes.draw { resources :orders }

class ApplicationController < ActionController::Base
  include Routes.url_helpers
end

Order = Struct.new(:number, :total) do
  extend ActiveModel::Naming
  include ActiveModel::Conversion
  def self.create!(given) = new(given.fetch(:order), 59.8)
  def persisted? = true
  def to_param = number
end

load ENV.fetch("SNIPPET")

class OrdersController
  private def order_params = params.permit(:order)
end

app = Rack::Builder.new do
  use ActionDispatch::RemoteIp
  use ActionDispatch::Cookies
  run Routes
end
Rack::Handler::WEBrick.run(app, Host: "127.0.0.1", Port: ARGV.fetch(0), Logger: WEBrick::Log.new(nil, 0), AccessLog: [])
